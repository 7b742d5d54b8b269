"""The memory: a TinyDB storage that survives a power cut."""

"""The bridge to an external optimizer: it carries, clips and forgets."""

"""The flashable image and its proof in an emulated machine; no part of the program."""

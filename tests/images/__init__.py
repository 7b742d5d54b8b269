"""Tests of the image's making and proof, as far as they need no image."""

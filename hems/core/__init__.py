"""The rules: pure functions over the nouns; no I/O, no clock, no exceptions."""

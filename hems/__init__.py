"""An energy appliance: reads the wires, decides, acts, counts and shows, once a second."""

__version__ = "0.1.0"

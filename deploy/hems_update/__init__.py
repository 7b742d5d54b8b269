"""Updates of the appliance: stays outside of what it updates, and on the standard library."""

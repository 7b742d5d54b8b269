"""Installation and updates of the appliance."""

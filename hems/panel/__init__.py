"""The face: screens, navigator, display and buttons."""

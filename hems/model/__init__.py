"""The nouns: frozen values with units in their names; standard library, msgspec for shapes only."""

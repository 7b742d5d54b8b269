"""The wires: the only Modbus and the only pins."""

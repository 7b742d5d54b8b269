"""The desk: a simulated house behind real wires."""

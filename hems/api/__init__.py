"""The door: JSON-RPC as nymea speaks it; it shows the last view and drops intents into the inbox."""

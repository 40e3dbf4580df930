"""How an event is sent to each peer: modules with `publisher(**options)` and `finish()`."""

"""One stand-alone script for each peer and bench: arguments in, one line of JSON out, run in the peers' environment."""

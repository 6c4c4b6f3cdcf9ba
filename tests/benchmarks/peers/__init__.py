"""The peers' environment runs these: a stand-alone script for each peer and bench, one line of JSON out."""

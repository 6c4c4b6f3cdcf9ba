"""Rota's side of the benches, driven through its public face: `rota.connect`, `rota apply` and `rota run`.

The store's tables are read only to see when a drain is over and what it left, as the peers' are.
"""

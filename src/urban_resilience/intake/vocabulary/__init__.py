"""Words of the trade: the contract, headers, units, cities and places, as the seeds have them."""

"""What several test modules share: running dbt, reading a warehouse, recomputing a study."""

"""What every room stands on: database, project, problems, conditions."""

"""How much the park is used: kept day by day, shown as charts."""

"""Python objects such as arrays, data frames and data sets of other libraries, as labelled examples."""

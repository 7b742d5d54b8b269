"""The simulated devices' register maps, one file for each maker, filled from the house.

Written by hand from what the makers' tables say, and independently of the profiles that read them: two sides
made from one table would be wrong alike. Registers a maker does not name but which lie inside a run it serves
read as zero.
"""

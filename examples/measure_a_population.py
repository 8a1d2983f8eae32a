"""Train a population on data with random labels, and measure its critical sample ratio."""

import byheart as bh

bh.use_all_cores()
split = bh.load("digits", training=300, validation=150)
recipe = bh.Recipe(bh.MLP((64, 64)), bh.SGD(0.2), batch_size=32, epochs=20)
members = bh.grid(seed=range(3), rand_y=[0.0, 0.4])
measures = [bh.Accuracy(), bh.CriticalSampleRatio(bh.Pixels(10), bh.LASS(budget=20))]
population = bh.train(recipe, members, split, measures=measures)
print(population.trace.groupby("rand_y").mean()[["validation_accuracy", "csr_validation"]].to_dataframe())

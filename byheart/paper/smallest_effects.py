"""The smallest effects that matter to claims of the paper, fixed before the seeds that claims are judged by.

The paper names none. They are small beside what its figures show, and about as large as a reader could see there. A
claim whose threshold is a margin, such as F1b's, has none.
"""

from byheart.statistics.rules import SmallestEffect

OF_ACCURACY = SmallestEffect(0.01, "one point of accuracy")
OF_ODDS = SmallestEffect(0.1, "odds a tenth higher")
OF_INEQUALITY = SmallestEffect(0.02, "a fiftieth of the range of the Gini coefficient")
OF_A_SHARE = SmallestEffect(0.01, "a hundredth of the whole")
OF_ACCURACY_LACKING = SmallestEffect(0.02, "two hundredths of the accuracy above chance")
OF_UNITS = SmallestEffect(0.25, "a fifth more units")
OF_TIME = SmallestEffect(0.1, "7 % of the time")
OF_TIME_FOR_A_DOUBLING = SmallestEffect(0.02, "1.4 % of the time for each doubling")
OF_LOSS = SmallestEffect(0.02, "two hundredths of a nat")

"""The executor that the arguments of the command line choose."""

from byheart.cli.arguments import ExecutorArguments
from byheart.cores import leave_accelerators_to_others
from byheart.execution.executor import Executor
from byheart.execution.local_executor import ThisMachine
from byheart.execution.ray_executor import RayCluster


def executor_of(arguments: ExecutorArguments) -> Executor:
    """Return the executor that the arguments choose. With Ray, this process uses no accelerator, so that tasks can."""
    if arguments.executor != "ray":
        return ThisMachine()
    executor = RayCluster(**arguments.of_ray())
    leave_accelerators_to_others()
    return executor

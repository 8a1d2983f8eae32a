"""Start a Ray cluster of three nodes with one CPU each on this machine, until the standard input ends.

Print its address, and the process of each node but the head. Ray forks, which a process with JAX must not.
"""

import sys


def main() -> None:
    """Start, print, wait and stop."""
    from ray.cluster_utils import Cluster

    cluster = Cluster()
    for _ in range(3):
        cluster.add_node(num_cpus=1, include_dashboard=False)
    raylets = [process.process.pid for node in cluster.worker_nodes for process in node.all_processes["raylet"]]
    print(cluster.address, *raylets, flush=True)
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    main()

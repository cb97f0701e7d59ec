#!/bin/bash
#SBATCH --job-name=dropgrade
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=00:30:00
#
# Run a class on a Slurm cluster, in a folder that all its machines see:
#
#   dropgrade shards write shards                   says how many shards there are: N
#   sbatch --wait --array=0-(N-1) slurm_array.sh shards
#   dropgrade shards collect shards && dropgrade grade
#
# Each machine needs this package in the same version, bubblewrap and user namespaces; `dropgrade doctor` tells.
# A task that was stopped may be submitted again: it goes on where it was.
set -euo pipefail
folder=${1:?give the folder of the shards}
number=${SLURM_ARRAY_TASK_ID:?start this with sbatch --array}
exec dropgrade shards run "$folder" "$number" --jobs "${SLURM_CPUS_PER_TASK:-1}"

"""Every fault there is."""

from tests.planted import faults_of_delivery, faults_of_services, faults_of_workers
from tests.planted.planting import FAULTS, UnknownFault, plant_on_import, planted

__all__ = [
    "FAULTS",
    "UnknownFault",
    "faults_of_delivery",
    "faults_of_services",
    "faults_of_workers",
    "plant_on_import",
    "planted",
]

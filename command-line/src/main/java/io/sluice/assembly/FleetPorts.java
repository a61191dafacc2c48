package io.sluice.assembly;

/**
 * Where the parts listen.
 *
 * @param traffic the proxy's, for clients
 * @param firstInstance the instances take this and the following ones
 */
public record FleetPorts(int traffic, int proxyAdmin, int engine, int firstInstance, int instances) {
    private static final int LARGEST = 65_535;

    public FleetPorts {
        require("--port", traffic, 1, LARGEST);
        require("--admin-port", proxyAdmin, 1, LARGEST);
        require("--rollout-port", engine, 1, LARGEST);
        require("--instances", instances, 1, 100);
        require("--instance-port", firstInstance, 1, LARGEST - instances + 1);
    }

    /** The port of the instance with this number, which starts at 1. */
    public int instance(int number) {
        return firstInstance + number - 1;
    }

    private static void require(String what, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(what + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }
}

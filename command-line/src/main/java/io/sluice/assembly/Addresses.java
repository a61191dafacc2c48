package io.sluice.assembly;

import java.util.List;

/** Where the parts of a running Sluice listen, as URLs; kept in the data folder so that commands find them. */
public record Addresses(String traffic, String proxyAdmin, String engine, List<Instance> instances) {
    public Addresses {
        instances = List.copyOf(instances);
    }

    /** One instance's own listener. */
    public record Instance(String id, String url) {}
}

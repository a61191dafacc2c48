package io.sluice.proxy.discovery;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/**
 * The records of one kind that one name server has for a name.
 *
 * @param exists whether there is the name, with or without records of this kind
 * @param timeToLive the shortest among them
 */
record Records(boolean exists, List<InetAddress> addresses, List<Service> services, Duration timeToLive) {
    /** An SRV record (RFC 2782). */
    record Service(int priority, int weight, int port, String target) {}

    static final Records NO_NAME = new Records(false, List.of(), List.of(), Duration.ZERO);

    Records {
        addresses = List.copyOf(addresses);
        services = List.copyOf(services);
    }

    boolean isEmpty() {
        return addresses.isEmpty() && services.isEmpty();
    }
}

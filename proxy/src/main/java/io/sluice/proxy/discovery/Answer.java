package io.sluice.proxy.discovery;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a name stands for now.
 *
 * @param endpoints at least one, each address once, in an order that does not depend on that of the records
 * @param timeToLive how long that holds
 */
record Answer(List<Endpoint> endpoints, Duration timeToLive) {
    Answer {
        Map<String, Endpoint> byAddress = new TreeMap<>(Comparator.naturalOrder());
        endpoints.forEach(endpoint -> byAddress.putIfAbsent(endpoint.address().toString(), endpoint));
        endpoints = List.copyOf(byAddress.values());
    }
}

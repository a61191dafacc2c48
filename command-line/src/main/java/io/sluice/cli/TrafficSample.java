package io.sluice.cli;

import io.sluice.client.ApiClient;
import io.sluice.client.Reply;
import io.sluice.client.UnreachableException;
import io.sluice.instance.api.InstanceHeaders;
import io.sluice.proxy.api.BackendView;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a number of requests through the proxy met with. */
final class TrafficSample {
    private final Map<String, Integer> byInstance = new TreeMap<>();
    private final Map<String, Integer> failures = new TreeMap<>();
    private int requests;

    /** Posts {@code count} small webhooks, one after the other. */
    static TrafficSample take(ApiClient traffic, String path, int count) {
        TrafficSample sample = new TrafficSample();
        for (int i = 0; i < count; i++) {
            sample.add(traffic, path, i);
        }
        return sample;
    }

    private void add(ApiClient traffic, String path, int number) {
        requests++;
        try {
            Map<String, Object> body = Map.of("source", "sluice verify", "number", number);
            Reply reply = traffic.call("POST", path, body, Map.of());
            if (reply.isSuccess()) {
                byInstance.merge(reply.header(InstanceHeaders.INSTANCE_ID).orElse("unnamed"), 1, Integer::sum);
            } else {
                failures.merge("HTTP status " + reply.status(), 1, Integer::sum);
            }
        } catch (UnreachableException e) {
            failures.merge("no answer", 1, Integer::sum);
        }
    }

    int requests() {
        return requests;
    }

    int of(String instance) {
        return byInstance.getOrDefault(instance, 0);
    }

    /** As {@link #of(String)}; an instance that does not give its name is called as its backend. */
    int of(BackendView backend) {
        return of(backend.instanceId() == null ? backend.id() : backend.instanceId());
    }

    boolean isFlawless() {
        return failures.isEmpty();
    }

    /** Who answered how often. */
    String distribution() {
        return join(byInstance);
    }

    String flaws() {
        return join(failures);
    }

    private static String join(Map<String, Integer> counts) {
        return counts.entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", "));
    }
}

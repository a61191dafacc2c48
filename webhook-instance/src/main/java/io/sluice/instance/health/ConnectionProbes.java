package io.sluice.instance.health;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.sluice.instance.api.HealthCheck;
import io.sluice.instance.configuration.Configuration;
import io.sluice.instance.configuration.Connection;
import io.sluice.instance.configuration.CurrentConfiguration;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whether the servers that connections name take a TCP connection. All at once; a round that is younger than two seconds, or still runs,
 * answers for everybody, so that asking often costs the servers nothing.
 */
public final class ConnectionProbes {
    private static final int CONNECT_TIMEOUT_MS = 500;
    private static final long FRESH_NANOS = Duration.ofSeconds(2).toNanos();

    private final NetClient client;
    private final CurrentConfiguration configuration;
    private final LongSupplier nanos;
    private final MultiGauge up;
    private final AtomicReference<@Nullable Round> last = new AtomicReference<>();

    private record Round(String hash, long start, Future<Map<String, HealthCheck>> results) {}

    /** {@code nanos}: a monotonic clock. */
    public ConnectionProbes(
            Vertx vertx, CurrentConfiguration configuration, LongSupplier nanos, MeterRegistry registry) {
        this.client = vertx.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MS));
        this.configuration = configuration;
        this.nanos = nanos;
        this.up = MultiGauge.builder("connection_up")
                .description("Whether a connection's server took a TCP connection when it was last asked for")
                .register(registry);
    }

    /** Results by check name; never fails. */
    public Future<Map<String, HealthCheck>> probe() {
        Configuration now = configuration.get();
        long start = nanos.getAsLong();
        Round seen = last.get();
        if (seen != null && seen.hash.equals(now.hash()) && start - seen.start < FRESH_NANOS) {
            return seen.results;
        }
        Round round = new Round(
                now.hash(), start, probeAll(List.copyOf(now.connections().values())));
        last.set(round);
        return round.results;
    }

    private Future<Map<String, HealthCheck>> probeAll(List<Connection> connections) {
        List<Future<HealthCheck>> probes = connections.stream().map(this::probe).toList();
        return Future.all(probes).map(done -> {
            Map<String, HealthCheck> results = new TreeMap<>();
            for (int i = 0; i < connections.size(); i++) {
                results.put(
                        "connection:" + connections.get(i).name(), probes.get(i).result());
            }
            publish(results);
            return results;
        });
    }

    private Future<HealthCheck> probe(Connection connection) {
        return client.connect(connection.port(), connection.host())
                .map(socket -> {
                    socket.close();
                    return Check.PASS;
                })
                .otherwise(failure -> Check.warn(connection.type() + " does not take connections"));
    }

    private void publish(Map<String, HealthCheck> results) {
        up.register(
                results.entrySet().stream()
                        .map(entry -> MultiGauge.Row.of(
                                Tags.of("name", entry.getKey().substring("connection:".length())),
                                entry.getValue().equals(Check.PASS) ? 1 : 0))
                        .collect(Collectors.toList()),
                true);
    }
}

package io.sluice.proxy.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.forward.Failure;
import io.sluice.proxy.forward.FinishedAttempt;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.Lease;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.route.RouteSettings;
import io.sluice.proxy.route.RouteTable;
import io.sluice.service.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Metrics stay small, however many backends and routes there are. */
class ManySeriesTest {
    private static final int BACKENDS = 2_000;
    private final Metrics metrics = new Metrics();

    @AfterEach
    void close() {
        metrics.close();
    }

    private record Ended(Backend backend, @Nullable Failure failure, int status) implements FinishedAttempt {
        @Override
        public long durationNanos() {
            return 1_000_000;
        }

        @Override
        public long connectNanos() {
            return 0;
        }

        @Override
        public long headNanos() {
            return 1_000_000;
        }

        @Override
        public boolean reusedConnection() {
            return true;
        }

        @Override
        public @Nullable FinishedAttempt previous() {
            return null;
        }
    }

    private static BackendPool pool(String name, int size) {
        List<BackendSettings> backends = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            backends.add(new BackendSettings("b" + i, "127.0.0.1:" + (1 + i), null, 1));
        }
        return BackendPool.fixed(PoolSettings.of(name, backends));
    }

    /** By metric. */
    private Map<String, Integer> series() {
        Map<String, Integer> counts = new TreeMap<>();
        metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("sluice_proxy_"))
                .forEach(line -> counts.merge(line.replaceFirst("(_bucket|_sum|_count)?[{ ].*", ""), 1, Integer::sum));
        return counts;
    }

    private double value(String series) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .sum();
    }

    private double sum(String metric) {
        return metrics.scrape()
                .lines()
                .filter(line -> line.startsWith(metric + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Test
    void twoThousandBackendsFitAndNothingOfThemIsLost() {
        BackendPool pool = pool("app", BACKENDS);
        TrafficMetrics meters = new TrafficMetrics(metrics.registry(), new RouteTable(List.of()), List.of(pool));
        for (Backend backend : pool.snapshot().backends()) {
            assertThat(backend.tryAcquire(false, new Lease())).isTrue();
            meters.attemptEnded(new Ended(backend, null, 200));
            meters.attemptEnded(new Ended(backend, Failure.STATUS_LISTED, 503));
            meters.attemptEnded(new Ended(backend, null, 0));
        }
        assertThat(series().values()).allMatch(count -> count <= SeriesBudget.MAX);
        assertThat(series().get("sluice_proxy_backend_in_flight")).isGreaterThan(800);
        assertThat(sum("sluice_proxy_backend_in_flight")).isEqualTo(BACKENDS);
        assertThat(value("sluice_proxy_backend_in_flight{backend=\"_other\",pool=\"app\"}"))
                .isGreaterThan(1_000);
        assertThat(sum("sluice_proxy_upstream_attempts_total")).isEqualTo(3 * BACKENDS);
        assertThat(sum("sluice_proxy_upstream_responses_total")).isEqualTo(2 * BACKENDS);
        assertThat(value("sluice_proxy_upstream_responses_total{backend=\"_other\",code=\"5xx\",pool=\"app\"}"))
                .isGreaterThan(1_000);
        assertThat(value("sluice_proxy_upstream_attempts_total{backend=\"b0\",outcome=\"cancelled\",pool=\"app\"}"))
                .isEqualTo(1);

        Backend late = pool.snapshot().backends().get(0);
        meters.forget(pool);
        meters.attemptEnded(new Ended(late, null, 404));
        assertThat(metrics.scrape()).doesNotContain("backend=\"b").doesNotContain("pool=\"app\"");
        BackendPool next = pool("next", 10);
        meters.follow(next);
        meters.attemptEnded(new Ended(next.snapshot().backends().get(0), null, 200));
        assertThat(value("sluice_proxy_upstream_responses_total{backend=\"b0\",code=\"2xx\",pool=\"next\"}"))
                .isEqualTo(1);
    }

    @Test
    void manyPoolsFitToo() {
        List<BackendPool> pools = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            pools.add(pool("p" + i, 50));
        }
        TrafficMetrics meters = new TrafficMetrics(metrics.registry(), new RouteTable(List.of()), pools);
        for (int code = 100; code < 600; code += 100) {
            for (BackendPool pool : pools) {
                for (Backend backend : pool.snapshot().backends()) {
                    meters.attemptEnded(new Ended(backend, null, code));
                }
            }
        }
        assertThat(series().values()).allMatch(count -> count <= SeriesBudget.MAX);
        assertThat(sum("sluice_proxy_upstream_responses_total")).isEqualTo(5 * BACKENDS);
    }

    @Test
    void fiveHundredRoutesFitAndGo() {
        List<RouteSettings> routes = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            routes.add(TestSettings.route("name: r" + i, "path: /" + i + "/", "pool: app"));
        }
        TrafficMetrics meters = new TrafficMetrics(metrics.registry(), new RouteTable(routes), List.of());
        assertThat(series().values()).allMatch(count -> count <= SeriesBudget.MAX);
        Pattern own = Pattern.compile("sluice_proxy_request_duration_seconds_count\\{pool=\"app\",route=\"r[0-9]+\"}");
        assertThat(own.matcher(metrics.scrape()).results().count()).isGreaterThan(50);
        assertThat(metrics.scrape())
                .contains("sluice_proxy_request_duration_seconds_count{pool=\"app\",route=\"_other\"}");
        meters.follow(new RouteTable(List.of(TestSettings.route("name: fresh", "pool: app"))));
        assertThat(metrics.scrape())
                .doesNotContain("route=\"r")
                .contains("sluice_proxy_request_duration_seconds_count{pool=\"app\",route=\"fresh\"}");
    }
}

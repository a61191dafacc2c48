package io.sluice.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.TestSettings;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.api.ProbeResult;
import io.sluice.proxy.listener.RawBackend;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.ChangeRequest;
import io.sluice.proxy.pool.MemoryPoolStore;
import io.sluice.proxy.pool.PoolChangeListener;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.Pools;
import io.sluice.proxy.pool.Precondition;
import io.sluice.proxy.tls.BackendTransport;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Active checks against a backend whose answers change. */
class HealthCheckerIT {
    private static final ProbeSettings FAST = probes("50ms");
    /** So slow that only what happens at once can be seen in a test. */
    private static final ProbeSettings SLOW = probes("1h");

    private final Vertx vertx = Vertx.vertx();
    private volatile int status = 200;
    private volatile String hash = "h1";
    private volatile String body = "{}";
    private volatile String state = "ready";
    private final AtomicInteger probes = new AtomicInteger();
    private final RawBackend process = new RawBackend(this::answer);
    private final List<Health> flips = new CopyOnWriteArrayList<>();
    private final Pools pools = Pools.open(
            List.of(new PoolSettings(
                    "test",
                    List.of(new BackendSettings("b1", process.address(), null, 1)),
                    1,
                    Duration.ofSeconds(5),
                    false,
                    true)),
            new MemoryPoolStore(),
            Clock.systemUTC(),
            "boot");
    private final BackendPool pool = pools.pool("test").orElseThrow();
    private final Backend backend = pool.snapshot().backend("b1").orElseThrow();

    private void answer(RawBackend.Connection connection) throws IOException {
        while (!connection.readRequest().isEmpty()) {
            probes.incrementAndGet();
            connection.respond(
                    status, body, "X-Config-Hash: " + hash, "X-Instance-ID: i-1", "X-Backend-State: " + state);
        }
    }

    private static ProbeSettings probes(String interval, String... more) {
        String[] lines = Arrays.copyOf(more, more.length + 2);
        lines[more.length] = "path: /health";
        lines[more.length + 1] = "interval: " + interval;
        return TestSettings.health(lines).probes();
    }

    private HealthChecker start(ProbeSettings settings) {
        return start(checker(settings));
    }

    private static HealthChecker start(HealthChecker checker) {
        Waiting.on(checker.start());
        return checker;
    }

    private HealthChecker checker(ProbeSettings settings) {
        HealthObserver observer = new HealthObserver() {
            @Override
            public void flipped(Backend about, Health health) {
                flips.add(health);
            }
        };
        return new HealthChecker(
                vertx, pool, settings, BackendTransport.PLAIN, observer, Clock.systemUTC(), System::nanoTime);
    }

    /** Nothing that it still had on its way counts any more. */
    private static void end(HealthChecker checker) {
        Waiting.on(checker.stop());
        checker.retire();
    }

    @AfterEach
    void close() {
        Waiting.on(vertx.close());
        pools.close();
        process.close();
    }

    @Test
    void aNewBackendIsEligibleAfterItsFirstPass() {
        status = 503;
        assertThat(backend.isEligible()).isFalse();
        start(FAST);
        Waiting.until("some probes", () -> probes.get() >= 2);
        assertThat(backend.isEligible()).isFalse();
        status = 200;
        Waiting.until("eligible", backend::isEligible);
    }

    /** As when settings of checks change. */
    @Test
    void anotherCheckerGoesOnFromWhatWasFound() {
        status = 503;
        HealthChecker first = start(probes("20ms", "fall: 1"));
        Waiting.until("down", () -> backend.observation().health() == Health.DOWN);
        end(first);
        status = 200;
        int before = probes.get();
        HealthChecker second = start(probes("20ms", "rise: 6"));
        Waiting.until("up", () -> backend.observation().health() == Health.UP);
        assertThat(probes.get() - before).isGreaterThanOrEqualTo(5);
        end(second);

        status = 503;
        HealthChecker third = start(probes("100ms", "rise: 1", "fall: 100"));
        Waiting.until(
                "some failed",
                () -> third.history(backend).stream()
                                .filter(each -> !each.result().passed())
                                .count()
                        > 1);
        assertThat(backend.observation().health()).isEqualTo(Health.UP);
    }

    /** Whose single check would not be enough, and whose next ones come too late. */
    @Test
    void whatWasCountedCountsOnAsLongAsTheSameIsAsked() {
        HealthChecker first = start(probes("10ms", "fall: 100"));
        Waiting.until("up", () -> backend.observation().health() == Health.UP);
        status = 503;
        int before = probes.get();
        Waiting.until("many have failed", () -> probes.get() > before + 21);
        HealthChecker second = start(checker(probes("1h", "fall: 20")).after(first));
        first.retire();
        assertThat(second.history(backend)).hasSize(ProbeHistory.SIZE);
        Waiting.until("down", () -> backend.observation().health() == Health.DOWN);
        second.retire();
    }

    @Test
    void itLearnsWhoAnswersAndKeepsTheLastResults() {
        HealthChecker checker = start(FAST);
        Waiting.until("enough probes", () -> probes.get() > ProbeHistory.SIZE + 2);
        assertThat(backend.observation().configHash()).isEqualTo("h1");
        assertThat(backend.observation().instanceId()).isEqualTo("i-1");
        List<ProbeRecord> history = checker.history(backend);
        assertThat(history).hasSize(ProbeHistory.SIZE);
        assertThat(history.get(0).result().status()).isEqualTo(200);
        assertThat(process.accepted()).isEqualTo(1);
    }

    @Test
    void aCheckThatPassesCanAskForNoMoreRequests() {
        start(FAST);
        Waiting.until("eligible", backend::isEligible);
        state = "drain";
        Waiting.until("drains", backend::isDraining);
        assertThat(backend.isEligible()).isFalse();
        assertThat(backend.observation().health()).isEqualTo(Health.UP);
        state = "ready";
        Waiting.until("eligible again", backend::isEligible);
    }

    @Test
    void whatTrafficHeardIsEndedByTheNextCheck() {
        start(FAST);
        Waiting.until("eligible", backend::isEligible);
        int before = probes.get();
        state = "drain";
        Waiting.until("checked since", () -> probes.get() > before + 1);
        pool.reportDraining(backend);
        assertThat(backend.isDraining()).isTrue();
        state = "ready";
        Waiting.until("eligible again", backend::isEligible);
    }

    @Test
    void theBodyHasToHoldWhatIsExpectedOfIt() {
        HealthChecker checker = start(probes("50ms", "expected-body: '\"ready\"'"));
        Waiting.until(
                "a failure that names the text",
                () -> checker.history(backend).stream()
                        .anyMatch(record ->
                                String.valueOf(record.result().error()).contains("does not contain \"ready\"")));
        assertThat(backend.isEligible()).isFalse();
        body = "{\"state\":\"ready\"}";
        Waiting.until("eligible", backend::isEligible);
        body = "\"ready\"" + "x".repeat(ExpectedResponse.MAX_BODY_BYTES);
        Waiting.until("down", () -> flips.contains(Health.DOWN));
        assertThat(checker.history(backend).get(0).result().error()).contains("longer than");
    }

    @Test
    void healthFlipsAfterFallAndRise() {
        start(FAST);
        Waiting.until("up", () -> flips.equals(List.of(Health.UP)));
        status = 500;
        Waiting.until("down", () -> flips.equals(List.of(Health.UP, Health.DOWN)));
        assertThat(backend.isEligible()).isFalse();
        status = 200;
        Waiting.until("up again", () -> flips.equals(List.of(Health.UP, Health.DOWN, Health.UP)));
        assertThat(backend.isEligible()).isTrue();
    }

    @Test
    void theRefusalOfAHeldBackendIsNoFailureAndItIsAskedAsSoonAsItIsLetGo() throws Exception {
        HealthChecker checker = start(FAST);
        Waiting.until("up", backend::isEligible);
        change(new PoolChange.SetMinInService(1));
        change(new PoolChange.PutBackend("b2", process.address(), null, 1));
        Waiting.until("both up", () -> pool.snapshot().inService() == 2);
        change(new PoolChange.PutHold("b1", "test", "because", null));
        status = 503;
        int before = probes.get();
        Waiting.until("more probes than fall", () -> probes.get() > before + 10);
        assertThat(checker.history(backend).get(0).result().status()).isEqualTo(503);
        assertThat(backend.observation().health()).isEqualTo(Health.UP);
        status = 200;
        change(new PoolChange.RemoveHold("b1", "test"));
        assertThat(backend.isEligible()).isTrue();
    }

    @Test
    void aProcessThatComesBackWithAnotherConfigurationGetsNothing() throws Exception {
        start(SLOW);
        Waiting.until("up", backend::isEligible);
        change(new PoolChange.AcceptConfiguration(List.of("h1")));
        assertThat(backend.isEligible()).isTrue();
        List<String> reasons = new CopyOnWriteArrayList<>();
        pool.addListener(new PoolChangeListener() {
            @Override
            public void backendObserved(BackendPool changed, Backend about) {
                String hashNow = about.observation().configHash();
                reasons.add(about.isUnverified() ? "unverified" : about.isEligible() + " with " + hashNow);
            }
        });
        hash = "h0";
        process.dropConnections();
        Waiting.until("unverified", () -> reasons.contains("unverified"));
        Waiting.until("wrong", () -> reasons.contains("false with h0"));
        assertThat(backend.isEligible()).isFalse();
        hash = "h1";
        process.dropConnections();
        Waiting.until("eligible again", backend::isEligible);
    }

    @Test
    void aProcessThatDiesIsUnverifiedUntilItPassesAgain() throws Exception {
        start(FAST);
        Waiting.until("up", backend::isEligible);
        change(new PoolChange.AcceptConfiguration(List.of("h1")));
        process.stopListening();
        Waiting.until("unverified", backend::isUnverified);
        assertThat(backend.isEligible()).isFalse();
    }

    @Test
    void aProbeOnDemandReachesAHeldBackendAndTellsWhatItFound() throws Exception {
        HealthChecker checker = start(SLOW);
        Waiting.until("up", backend::isEligible);
        hash = "h2";
        ProbeResult result = Waiting.on(checker.probe(backend, null));
        assertThat(result.passed()).isTrue();
        assertThat(result.status()).isEqualTo(200);
        assertThat(result.configHash()).isEqualTo("h2");
        assertThat(backend.observation().configHash()).isEqualTo("h2");
        process.stopListening();
        ProbeResult failed = Waiting.on(checker.probe(backend, "/other"));
        assertThat(failed.passed()).isFalse();
        assertThat(failed.status()).isNull();
        assertThat(failed.error()).isNotEmpty();
    }

    @Test
    void aBackendThatDoesNotAnswerInTimeFails() {
        process.script(connection -> {
            probes.incrementAndGet();
            connection.readRequest();
            connection.readRequest();
        });
        HealthChecker checker = start(probes("50ms", "timeout: 100ms"));
        Waiting.until("down", () -> flips.equals(List.of(Health.DOWN)));
        assertThat(checker.history(backend).get(0).result().error()).isEqualTo("no answer in time");
    }

    @Test
    void aBackendThatLeavesIsNotAskedAnyMore() throws Exception {
        HealthChecker checker = start(FAST);
        Waiting.until("up", backend::isEligible);
        change(new PoolChange.PutBackend("b2", process.address(), null, 1));
        Waiting.until("both up", () -> pool.snapshot().inService() == 2);
        change(new PoolChange.RemoveBackend("b1", true));
        Waiting.until("forgotten", () -> checker.history(backend).isEmpty());
    }

    private void change(PoolChange change) throws Exception {
        pools.change(new ChangeRequest("test", List.of(change), Precondition.NONE, "test", "test", null))
                .get();
    }
}

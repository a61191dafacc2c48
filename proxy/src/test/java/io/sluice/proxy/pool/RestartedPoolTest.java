package io.sluice.proxy.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.PoolChange.AcceptConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a proxy believes of the backends that its journal brings back, and whom a failing listener disturbs. */
class RestartedPoolTest {
    private static final PoolSettings CHECKED =
            new PoolSettings(PoolFixture.POOL, PoolFixture.backends(2), 1, Duration.ofSeconds(5), false, true);

    @Test
    void aBackendFromTheJournalIsCheckedBeforeItsConfigurationIsBelieved() {
        try (PoolFixture f = new PoolFixture(CHECKED)) {
            f.probed("b1", "h1");
            f.probed("b2", "h1");
            f.change(new AcceptConfiguration(List.of("h1")));
            f.restart();
            assertThat(f.backend("b1").isEligible()).isFalse();
            assertThat(f.backend("b1").mayRunAnotherConfiguration()).isTrue();
            assertThat(f.now().ineligibleBecause(f.backend("b1")))
                    .containsExactly("unverified: not checked since this proxy started");
            f.probed("b1", "h1");
            f.probed("b2", "h0");
            assertThat(f.backend("b1").isEligible()).isTrue();
            assertThat(f.backend("b1").mayRunAnotherConfiguration()).isFalse();
            assertThat(f.backend("b2").isEligible()).isFalse();
            assertThat(f.backend("b2").mayRunAnotherConfiguration()).isTrue();
        }
    }

    @Test
    void aBackendFromTheJournalServesAtOnceWhileAnyConfigurationIsAdmitted() {
        try (PoolFixture f = new PoolFixture(CHECKED)) {
            f.up("b1");
            f.restart();
            assertThat(f.backend("b1").isEligible()).isTrue();
        }
    }

    @Test
    void aCheckThatBeganBeforeADoubtDoesNotAnswerIt() {
        try (PoolFixture f = new PoolFixture(CHECKED)) {
            f.probed("b1", "h1");
            f.probed("b2", "h1");
            f.change(new AcceptConfiguration(List.of("h1")));
            Backend backend = f.backend("b1");
            long before = backend.doubts();
            f.pool().reportUnverified(backend, "its health connection was closed");
            ProbeReport pass = new ProbeReport(true, Health.UP, "h1", "b1", "200");
            f.pool().report(backend, pass, before);
            assertThat(backend.isEligible()).isFalse();
            f.pool().report(backend, pass, backend.doubts());
            assertThat(backend.isEligible()).isTrue();
        }
    }

    @Test
    void aListenerThatFailsDisturbsNobody() {
        try (PoolFixture f = new PoolFixture(2)) {
            List<String> told = new ArrayList<>();
            f.pool().addListener(new PoolChangeListener() {
                @Override
                public void backendHeld(BackendPool pool, Backend backend, boolean held) {
                    throw new IllegalStateException("this listener is broken on purpose");
                }
            });
            f.pool().addListener(new PoolChangeListener() {
                @Override
                public void backendHeld(BackendPool pool, Backend backend, boolean held) {
                    told.add(backend.id() + " " + held);
                }
            });
            f.hold("b1", "test");
            assertThat(f.backend("b1").isClosed()).isTrue();
            f.release("b1", "test");
            assertThat(f.backend("b1").isEligible()).isTrue();
            assertThat(told).containsExactly("b1 true", "b1 false");
        }
    }
}

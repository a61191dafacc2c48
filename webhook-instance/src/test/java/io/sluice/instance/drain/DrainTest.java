package io.sluice.instance.drain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DrainTest {
    private static final Duration NOW = Duration.ZERO;
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final DrainGate gate = new DrainGate();
    private final ManualTimer timer = new ManualTimer();
    private Instant time = Instant.parse("2026-01-01T00:00:00Z");
    private final Drain drain = new Drain(gate, timer, new Clock() {
        @Override
        public Instant instant() {
            return time;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }
    });

    @Test
    void isActiveAtFirst() {
        assertThat(drain.isActive()).isTrue();
        assertThat(drain.view().phase()).isEqualTo(DrainPhase.ACTIVE);
        assertThat(gate.tryEnter()).isTrue();
    }

    @Test
    void requestsAreTakenThroughTheGrace() {
        assertThat(drain.start("operator", GRACE, DEADLINE).phase()).isEqualTo(DrainPhase.LAME_DUCK);
        assertThat(drain.isActive()).isFalse();
        assertThat(gate.tryEnter()).isTrue();
        assertThat(gate.isClosingConnections()).isTrue();

        timer.fire();

        assertThat(gate.tryEnter()).isFalse();
        assertThat(drain.view().phase()).isEqualTo(DrainPhase.DRAINING);
        gate.leave();
        assertThat(drain.view()).isEqualTo(new DrainView(DrainPhase.DRAINED, java.util.List.of("operator"), 0, false));
    }

    @Test
    void withoutGraceRequestsAreRefusedAtOnce() {
        assertThat(drain.start("operator", NOW, DEADLINE).phase()).isEqualTo(DrainPhase.DRAINED);
        assertThat(gate.tryEnter()).isFalse();
    }

    @Test
    void anotherHolderCanShortenTheGraceButNotLengthenIt() {
        drain.start("operator", GRACE, DEADLINE);
        drain.start("late", Duration.ofMinutes(5), DEADLINE);
        assertThat(timer.size()).isEqualTo(1);

        assertThat(drain.start("rollout:r-1", NOW, DEADLINE).phase()).isEqualTo(DrainPhase.DRAINED);

        assertThat(timer.size()).isZero();
        assertThat(drain.start("later", GRACE, DEADLINE).phase()).isEqualTo(DrainPhase.DRAINED);
    }

    @Test
    void repeatingChangesNothing() {
        drain.start("operator", GRACE, DEADLINE);
        drain.start("operator", GRACE, DEADLINE);
        assertThat(drain.view().holders()).containsExactly("operator");

        assertThat(drain.end("operator").phase()).isEqualTo(DrainPhase.ACTIVE);
        assertThat(drain.end("operator").phase()).isEqualTo(DrainPhase.ACTIVE);
        assertThat(gate.isClosingConnections()).isFalse();
    }

    @Test
    void undrainRemovesOnlyTheCallersOwnHolder() {
        drain.start("operator", NOW, DEADLINE);
        drain.start("rollout:r-1", NOW, DEADLINE);

        assertThat(drain.end("rollout:r-1").holders()).containsExactly("operator");
        assertThat(drain.end("somebody").phase()).isEqualTo(DrainPhase.DRAINED);
        assertThat(gate.tryEnter()).isFalse();
        assertThat(drain.end("operator").phase()).isEqualTo(DrainPhase.ACTIVE);
        assertThat(gate.tryEnter()).isTrue();
    }

    @Test
    void aGraceThatEndsAfterTheUndrainShutsNothing() {
        drain.start("operator", GRACE, DEADLINE);
        drain.end("operator");
        assertThat(timer.size()).isZero();
        timer.fire();
        assertThat(gate.tryEnter()).isTrue();
    }

    @Test
    void drainedCompletesWithTheLastRequest() {
        gate.tryEnter();
        gate.tryEnter();
        CompletableFuture<Void> drained = drain.drained();
        drain.start("operator", NOW, DEADLINE);

        gate.leave();
        assertThat(drained).isNotDone();
        gate.leave();
        assertThat(drained).isCompleted();
        assertThat(drain.drained()).isCompleted();
    }

    @Test
    void aPassedDeadlineIsReportedAndCutsNothing() {
        gate.tryEnter();
        drain.start("operator", NOW, DEADLINE);
        assertThat(drain.view().overdue()).isFalse();

        time = time.plus(DEADLINE).plusMillis(1);

        assertThat(drain.view().overdue()).isTrue();
        assertThat(drain.view().inFlight()).isEqualTo(1);
        gate.leave();
        assertThat(drain.view().overdue()).isFalse();
    }

    @Test
    void leavingTwiceIsABug() {
        gate.tryEnter();
        gate.leave();
        assertThatThrownBy(gate::leave).isInstanceOf(IllegalStateException.class);
        assertThat(gate.inFlight()).isZero();
    }
}

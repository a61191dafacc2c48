package io.sluice.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.BackendView;
import io.sluice.proxy.api.Health;
import io.sluice.proxy.api.HoldView;
import io.sluice.proxy.api.PoolView;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailoverCheckTest {
    private static final HoldView HOLD = new HoldView("rollout:r-1", "changing", "engine", Instant.EPOCH, 7);

    @Test
    void aWholePoolCanSpareOne() {
        assertThat(FailoverCheck.reasonAgainst(pool(2, up(1), up(2), up(3)))).isEmpty();
    }

    @Test
    void aPoolAtItsFloorCannot() {
        assertThat(FailoverCheck.reasonAgainst(pool(3, up(1), up(2), up(3)))).contains("the floor would break");
        assertThat(FailoverCheck.reasonAgainst(pool(1, up(1)))).contains("the floor would break");
    }

    @Test
    void aPoolThatSomebodyIsChangingIsLeftAlone() {
        BackendView held = backend(3, false, List.of(HOLD));

        assertThat(FailoverCheck.reasonAgainst(pool(1, up(1), up(2), held))).isPresent();
        assertThat(FailoverCheck.reasonAgainst(pool(1, up(1), up(2), backend(3, false, List.of()))))
                .isPresent();
    }

    private static PoolView pool(int floor, BackendView... backends) {
        int inService =
                (int) Arrays.stream(backends).filter(BackendView::eligible).count();
        return new PoolView("webhooks", 7, "boot", 1, floor, inService, List.of(), List.of(backends));
    }

    private static BackendView up(int number) {
        return backend(number, true, List.of());
    }

    private static BackendView backend(int number, boolean eligible, List<HoldView> holds) {
        String id = "webhook-" + number;
        return new BackendView(
                id,
                id + ":8000",
                "http://" + id,
                1,
                1,
                eligible,
                List.of(),
                0,
                holds,
                Health.UP,
                null,
                "h",
                id,
                0,
                0,
                0);
    }
}

package io.sluice.rollout.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sluice.instance.api.ConfigType;
import io.sluice.proxy.api.PoolView;
import io.sluice.rollout.plan.RolloutProblem;
import io.sluice.rollout.plan.RolloutRequest;
import io.sluice.rollout.plan.RolloutSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PreflightTest {
    private static final RolloutSpec SPEC = RolloutRequest.of(
                    "webhooks", ConfigType.WEBHOOKS, JsonNodeFactory.instance.objectNode())
            .spec();
    private static final PoolView POOL = RolloutMachineTest.pool(2);

    @Test
    void nothingIsInTheWayOfWhatAllWouldTake() {
        assertThat(judge(yes(1, "new"), yes(2, "new")).problems()).isEmpty();
    }

    @Test
    void tenMistakesAreToldOnceWithBothInstances() {
        Preflight preflight = judge(no(1, 10), no(2, 10));

        assertThat(preflight.mistakes())
                .hasSize(10)
                .allSatisfy((mistake, instances) -> assertThat(instances).isEqualTo(Set.of("webhook-1", "webhook-2")));
        assertThat(preflight.problems())
                .hasSize(10)
                .extracting(RolloutProblem::backend)
                .containsOnlyNulls();
    }

    @Test
    void aMistakeThatOneFoundNamesIt() {
        assertThat(judge(yes(1, "new"), no(2, 1)).problems())
                .extracting(RolloutProblem::backend, RolloutProblem::pointer)
                .containsExactly(tuple("webhook-2", "/hook/0"));
    }

    @Test
    void aSilentInstanceHasNoSay() {
        assertThat(judge(yes(1, "new"), silent(2)).problems()).isEmpty();
    }

    @Test
    void nobodyToAskIsNoYes() {
        Preflight preflight = judge(silent(1), silent(2));

        assertThat(preflight.isAnswered()).isFalse();
        assertThat(preflight.problems())
                .extracting(RolloutProblem::code)
                .containsExactly(Preflight.UNREACHABLE, Preflight.UNREACHABLE);
    }

    @Test
    void instancesThatWouldEndUpDifferentAreAProblem() {
        assertThat(judge(yes(1, "new"), yes(2, "newer")).problems())
                .extracting(RolloutProblem::code)
                .containsOnly("different-results");
    }

    private static Preflight judge(Examination... said) {
        return new Preflight(SPEC, POOL, List.of(said));
    }

    private static Examination yes(int number, String result) {
        return said(number, "old", result, List.of());
    }

    private static Examination no(int number, int mistakes) {
        return said(
                number,
                "old",
                null,
                IntStream.range(0, mistakes)
                        .mapToObj(i -> new RolloutProblem(null, "webhooks", "/hook/" + i, "wrong", "is wrong", null))
                        .toList());
    }

    private static Examination silent(int number) {
        return said(number, null, null, List.of());
    }

    private static Examination said(
            int number, @Nullable String hash, @Nullable String result, List<RolloutProblem> problems) {
        return new Examination("webhook-" + number, hash, result, problems, "");
    }
}

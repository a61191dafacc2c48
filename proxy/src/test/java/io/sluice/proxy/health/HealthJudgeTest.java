package io.sluice.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.Health;
import org.junit.jupiter.api.Test;

class HealthJudgeTest {
    private final HealthJudge judge = new HealthJudge(2, 3, Health.UNKNOWN);

    @Test
    void theFirstPassIsEnoughForOneThatWasNeverJudged() {
        assertThat(judge.health()).isEqualTo(Health.UNKNOWN);
        assertThat(judge.passed()).isEqualTo(Health.UP);
    }

    @Test
    void failuresHaveToComeInARow() {
        judge.passed();
        judge.failed();
        judge.failed();
        assertThat(judge.passed()).isEqualTo(Health.UP);
        judge.failed();
        assertThat(judge.failed()).isEqualTo(Health.UP);
        assertThat(judge.failed()).isEqualTo(Health.DOWN);
    }

    @Test
    void oneThatIsDownNeedsRisePasses() {
        judge.failed();
        judge.failed();
        judge.failed();
        assertThat(judge.passed()).isEqualTo(Health.DOWN);
        assertThat(judge.passed()).isEqualTo(Health.UP);
    }

    @Test
    void whatWasKnownBeforeHoldsUntilAThresholdIsReached() {
        HealthJudge up = new HealthJudge(2, 2, Health.UP);
        assertThat(up.failed()).isEqualTo(Health.UP);
        assertThat(up.failed()).isEqualTo(Health.DOWN);
        HealthJudge down = new HealthJudge(2, 2, Health.DOWN);
        assertThat(down.passed()).isEqualTo(Health.DOWN);
        assertThat(down.passed()).isEqualTo(Health.UP);
    }

    @Test
    void oneIsEnoughWhenSomebodyVouches() {
        judge.failed();
        judge.failed();
        judge.failed();
        assertThat(judge.vouched()).isEqualTo(Health.UP);
    }

    @Test
    void oneWithOtherThresholdsCountsOn() {
        judge.passed();
        judge.failed();
        judge.failed();
        HealthJudge next = judge.with(1, 4, judge.health());
        assertThat(next.failed()).isEqualTo(Health.UP);
        assertThat(next.failed()).isEqualTo(Health.DOWN);
    }
}

package io.sluice.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.forward.RetryRule.Verdict;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryRuleTest {
    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"CONNECT_FAILED", "CONNECT_TIMEOUT", "CONNECTION_LOST_UNSENT", "NOT_ACCEPTED"})
    void whatTheBackendCannotHaveActedUponIsAlwaysRetriedForFree(Failure failure) {
        assertThat(RetryRule.judge(failure, false, true)).isEqualTo(Verdict.FREE);
        assertThat(RetryRule.judge(failure, true, true)).isEqualTo(Verdict.FREE);
    }

    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"STALE_CONNECTION", "CLOSED_WITHOUT_RESPONSE", "STATUS_LISTED"})
    void whatItMayHaveActedUponIsRetriedIfThatDoesNoHarm(Failure failure) {
        assertThat(RetryRule.judge(failure, true, true)).isEqualTo(Verdict.WITHIN_BUDGET);
        assertThat(RetryRule.judge(failure, false, false)).isEqualTo(Verdict.NO);
    }

    @ParameterizedTest
    @EnumSource(
            value = Failure.class,
            names = {"HEAD_TIMEOUT"})
    void aTimeoutIsRetriedOnce(Failure failure) {
        assertThat(RetryRule.judge(failure, true, false)).isEqualTo(Verdict.WITHIN_BUDGET);
        assertThat(RetryRule.judge(failure, true, true)).isEqualTo(Verdict.NO);
        assertThat(RetryRule.judge(failure, false, false)).isEqualTo(Verdict.NO);
    }
}

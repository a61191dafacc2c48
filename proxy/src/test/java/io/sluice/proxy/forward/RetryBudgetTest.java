package io.sluice.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
    private final AtomicLong nanos = new AtomicLong();
    private final RetryBudget budget = new RetryBudget(nanos::get);

    private int grantedOf(int asked) {
        int granted = 0;
        for (int i = 0; i < asked; i++) {
            if (budget.tryRetry()) {
                granted++;
            }
        }
        return granted;
    }

    @Test
    void aQuietProxyMayRetryALittle() {
        assertThat(grantedOf(100)).isEqualTo(10);
        nanos.addAndGet(500_000_000);
        assertThat(grantedOf(100)).isEqualTo(5);
    }

    @Test
    void retriesAddAFifthToTheRequests() {
        grantedOf(100);
        for (int i = 0; i < 100; i++) {
            budget.requestStarted();
        }
        assertThat(grantedOf(100)).isBetween(19, 20);
    }

    @Test
    void whatIsSavedIsBounded() {
        for (int i = 0; i < 1_000_000; i++) {
            budget.requestStarted();
        }
        assertThat(grantedOf(1_000)).isEqualTo(100);
    }
}

package io.sluice.proxy.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.api.Health;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.sluice.proxy.pool.BackendPool;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.proxy.pool.PoolSettings;
import io.sluice.proxy.pool.ProbeReport;
import io.sluice.proxy.pool.SlowStart;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlowStarterTest {
    private static final SlowStart SLOW_START = new SlowStart(Duration.ofSeconds(1), 1, 10);

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong nanos = new AtomicLong();
    private final BackendPool pool = BackendPool.fixed(new PoolSettings(
            "test",
            List.of(new BackendSettings("b1", "127.0.0.1:1", null, 5)),
            null,
            Duration.ofSeconds(1),
            true,
            true));
    private final Backend b1 = pool.snapshot().backend("b1").orElseThrow();
    private final SlowStarter starter = new SlowStarter(vertx, pool, SLOW_START, nanos::get);

    @AfterEach
    void close() {
        starter.stop();
        Waiting.on(vertx.close());
    }

    private void report(Health health) {
        pool.report(b1, new ProbeReport(health == Health.UP, health, null, null, "test"), b1.doubts());
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @ParameterizedTest
    @CsvSource({
        "0,1,100",
        "50,1,100",
        "500,1,500",
        "250,2,500",
        "999,1,1000",
        "1000,1,1000",
        "810,0.5,660",
        "5000,1,1000"
    })
    void theFormulaIsEnvoys(long millis, double aggression, int thousandths) {
        SlowStart slowStart = new SlowStart(Duration.ofSeconds(1), aggression, 10);
        assertThat(slowStart.thousandths(Duration.ofMillis(millis))).isEqualTo(thousandths);
    }

    @Test
    void theShareGrowsFromTheFirstPassOn() {
        assertThat(b1.slowStartPercent()).isEqualTo(100);
        pass(Duration.ofHours(1));
        report(Health.UP);
        assertThat(b1.slowStartPercent()).isEqualTo(10);
        assertThat(b1.share()).isEqualTo(500);
        pass(Duration.ofMillis(500));
        Waiting.until("half of it", () -> b1.share() == 2_500);
        pass(Duration.ofMillis(500));
        Waiting.until("all of it", () -> b1.share() == 5_000);
    }

    @Test
    void comingBackFromDownStartsSlowlyComingBackFromAnEjectionDoesNot() {
        report(Health.UP);
        pass(Duration.ofSeconds(1));
        Waiting.until("all of it", () -> b1.slowStartPercent() == 100);
        pool.eject(b1, Instant.EPOCH, "test");
        pool.readmit(b1);
        report(Health.UP);
        assertThat(b1.slowStartPercent()).isEqualTo(100);
        report(Health.DOWN);
        report(Health.UP);
        assertThat(b1.slowStartPercent()).isEqualTo(10);
    }

    @Test
    void soDoesTheEndOfItsLastHold() {
        report(Health.UP);
        pass(Duration.ofSeconds(1));
        Waiting.until("all of it", () -> b1.slowStartPercent() == 100);
        starter.backendHeld(pool, b1, true);
        assertThat(b1.slowStartPercent()).isEqualTo(100);
        starter.backendHeld(pool, b1, false);
        assertThat(b1.slowStartPercent()).isEqualTo(10);
    }
}

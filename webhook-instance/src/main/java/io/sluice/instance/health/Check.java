package io.sluice.instance.health;

import io.sluice.instance.api.HealthCheck;
import java.util.function.Supplier;

/** Something that can be wrong with an instance. The supplier is quick, never blocks and is called on any thread. */
public record Check(String name, Supplier<HealthCheck> run) {
    /** Fine. */
    public static final HealthCheck PASS = new HealthCheck("pass", null);

    /** Works, but somebody should look. */
    public static HealthCheck warn(String detail) {
        return new HealthCheck("warn", detail);
    }

    /** Must not get requests. */
    public static HealthCheck fail(String detail) {
        return new HealthCheck("fail", detail);
    }
}

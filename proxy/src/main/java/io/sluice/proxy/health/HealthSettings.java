package io.sluice.proxy.health;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * How the backends of a pool are checked.
 *
 * @param active whether they are asked at all
 * @param path what they are asked for
 * @param host the {@code Host} to send, empty for the backend's own address
 * @param interval between two checks of a backend that is well; each is moved by up to a tenth, so that not all are asked at once
 * @param timeout for one check, the connection included
 * @param rise passes in a row that bring a backend back up; a backend that was never judged needs one
 * @param fall failures in a row that take a backend down
 * @param expected what a check has to be answered with
 * @param maxFails failures of traffic within {@code failTimeout} that eject a backend; 0 never ejects
 * @param failTimeout also how long the first ejection of a backend lasts
 * @param errorRate of traffic that ejects a backend
 * @param ejection how far ejections may go
 */
public record HealthSettings(
        boolean active,
        String path,
        String host,
        Duration interval,
        Duration timeout,
        int rise,
        int fall,
        ExpectedResponse expected,
        int maxFails,
        Duration failTimeout,
        ErrorRate errorRate,
        EjectionSettings ejection) {
    private static final String PATH = "/";
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int RISE = 2;
    private static final int FALL = 3;
    private static final int MAX_FAILS = 3;
    private static final Duration FAIL_TIMEOUT = Duration.ofSeconds(10);

    /** One with the default limits of ejections. */
    public HealthSettings(
            boolean active,
            String path,
            String host,
            Duration interval,
            Duration timeout,
            int rise,
            int fall,
            ExpectedResponse expected,
            int maxFails,
            Duration failTimeout,
            ErrorRate errorRate) {
        this(
                active,
                path,
                host,
                interval,
                timeout,
                rise,
                fall,
                expected,
                maxFails,
                failTimeout,
                errorRate,
                EjectionSettings.DEFAULT);
    }

    /** One that goes by {@code maxFails} alone. */
    public HealthSettings(
            boolean active,
            String path,
            String host,
            Duration interval,
            Duration timeout,
            int rise,
            int fall,
            ExpectedResponse expected,
            int maxFails,
            Duration failTimeout) {
        this(active, path, host, interval, timeout, rise, fall, expected, maxFails, failTimeout, ErrorRate.OFF);
    }

    /** Active checks of {@code path} with every default. */
    public static HealthSettings checking(String path) {
        return new HealthSettings(
                true, path, "", INTERVAL, TIMEOUT, RISE, FALL, ExpectedResponse.SUCCESS, MAX_FAILS, FAIL_TIMEOUT);
    }

    /** No active checks; passive ones with every default. */
    public static HealthSettings passiveOnly() {
        return new HealthSettings(
                false, PATH, "", INTERVAL, TIMEOUT, RISE, FALL, ExpectedResponse.SUCCESS, MAX_FAILS, FAIL_TIMEOUT);
    }

    public HealthSettings withInterval(Duration changed) {
        return new HealthSettings(
                active, path, host, changed, timeout, rise, fall, expected, maxFails, failTimeout, errorRate, ejection);
    }

    public HealthSettings withTimeout(Duration changed) {
        return new HealthSettings(
                active,
                path,
                host,
                interval,
                changed,
                rise,
                fall,
                expected,
                maxFails,
                failTimeout,
                errorRate,
                ejection);
    }

    public HealthSettings withExpected(ExpectedResponse changed) {
        return new HealthSettings(
                active, path, host, interval, timeout, rise, fall, changed, maxFails, failTimeout, errorRate, ejection);
    }

    public HealthSettings withPassive(int newMaxFails, Duration newFailTimeout) {
        return new HealthSettings(
                active,
                path,
                host,
                interval,
                timeout,
                rise,
                fall,
                expected,
                newMaxFails,
                newFailTimeout,
                errorRate,
                ejection);
    }

    public HealthSettings withErrorRate(ErrorRate changed) {
        return new HealthSettings(
                active, path, host, interval, timeout, rise, fall, expected, maxFails, failTimeout, changed, ejection);
    }

    public HealthSettings withEjection(EjectionSettings changed) {
        return new HealthSettings(
                active, path, host, interval, timeout, rise, fall, expected, maxFails, failTimeout, errorRate, changed);
    }

    /**
     * Reads a pool's {@code health} section: {@code path} (active checks only where it is given), {@code host}, {@code interval}, {@code
     * timeout}, {@code rise}, {@code fall}, {@code expected-status}, {@code expected-body}, {@code max-fails}, {@code fail-timeout}, {@code
     * error-rate}, {@code ejection}.
     */
    public static HealthSettings read(SettingsReader reader) {
        String path = reader.text("path", PATH);
        if (!path.startsWith("/")) {
            reader.problem("path", path, "a path that begins with /");
        }
        return new HealthSettings(
                reader.has("path"),
                path,
                reader.text("host", ""),
                reader.duration("interval", INTERVAL, Duration.ofMillis(10)),
                reader.duration("timeout", TIMEOUT, Duration.ofMillis(10)),
                reader.integer("rise", RISE, 1, 100),
                reader.integer("fall", FALL, 1, 100),
                ExpectedResponse.read(reader),
                reader.integer("max-fails", MAX_FAILS, 0, 1_000_000),
                reader.duration("fail-timeout", FAIL_TIMEOUT, Duration.ofMillis(10)),
                ErrorRate.read(reader.section("error-rate")),
                EjectionSettings.read(reader.section("ejection")));
    }
}

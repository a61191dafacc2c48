package io.sluice.proxy.health;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;

/**
 * How backends are asked how they are.
 *
 * @param on whether they are asked by themselves; somebody may always ask one of them once
 * @param path what they are asked for
 * @param host the {@code Host} to send, empty for the backend's own address
 * @param interval between two checks of a backend that is well; each is moved by up to a tenth, so that not all are asked at once
 * @param timeout for one check, the connection included
 * @param rise passes in a row that bring a backend back up; a backend that was never judged needs one
 * @param fall failures in a row that take a backend down
 * @param expected what a check has to be answered with
 */
public record ProbeSettings(
        boolean on,
        String path,
        String host,
        Duration interval,
        Duration timeout,
        int rise,
        int fall,
        ExpectedResponse expected) {
    private static final String PATH = "/";
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int RISE = 2;
    private static final int FALL = 3;

    /**
     * Reads {@code path} (checks only where it is given), {@code host}, {@code interval}, {@code timeout}, {@code rise}, {@code fall}, {@code
     * expected-status} and {@code expected-body}.
     */
    static ProbeSettings read(SettingsReader reader) {
        String path = reader.text("path", PATH);
        if (!path.startsWith("/")) {
            reader.problem("path", path, "a path that begins with /");
        }
        return new ProbeSettings(
                reader.has("path"),
                path,
                reader.text("host", ""),
                reader.duration("interval", INTERVAL, Duration.ofMillis(10)),
                reader.duration("timeout", TIMEOUT, Duration.ofMillis(10)),
                reader.integer("rise", RISE, 1, 100),
                reader.integer("fall", FALL, 1, 100),
                ExpectedResponse.read(reader));
    }

    /** Whether one check by these and one by {@code other} say the same of a backend. */
    boolean asksTheSameAs(ProbeSettings other) {
        return path.equals(other.path) && host.equals(other.host) && expected.equals(other.expected);
    }
}

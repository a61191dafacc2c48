package io.sluice.instance;

import io.sluice.instance.admin.AdminAccess;
import io.sluice.instance.configuration.SeedFiles;
import io.sluice.instance.deliver.DeliverSettings;
import io.sluice.instance.outbox.OutboxSettings;
import io.sluice.instance.receive.ReceiveSettings;
import io.sluice.instance.registration.RegistrationSettings;
import io.sluice.service.settings.ByteSizeFormat;
import io.sluice.service.settings.Secret;
import io.sluice.service.settings.SettingsReader;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything an instance is told before it starts.
 *
 * @param id its name, in every answer
 * @param listener where it takes webhooks and admin calls
 * @param dataFolder its own: configurations, accepted webhooks, delivered files; two instances cannot share one
 * @param seeds what it starts with while the data folder is empty
 * @param requireAuth refuse webhooks that nobody verifies
 * @param registration where it registers itself; absent: nowhere
 */
public record InstanceSettings(
        String id,
        ListenerSettings listener,
        Path dataFolder,
        SeedFiles seeds,
        boolean requireAuth,
        AdminAccess admin,
        DrainSettings drain,
        ReceiveSettings receive,
        OutboxSettings outbox,
        DeliverSettings deliver,
        @Nullable RegistrationSettings registration) {
    private static final Path DEFAULT_DATA = Path.of("data");
    private static final Path DEFAULT_WEBHOOKS = Path.of("config/webhooks.json");
    private static final Path DEFAULT_CONNECTIONS = Path.of("config/connections.json");

    /** The defaults on a port of loopback. */
    public static InstanceSettings loopback(
            String id, int port, Path dataFolder, SeedFiles seeds, @Nullable Secret token) {
        return new InstanceSettings(
                id,
                ListenerSettings.loopback(port),
                dataFolder,
                seeds,
                false,
                AdminAccess.withToken(token),
                DrainSettings.defaults(),
                ReceiveSettings.defaults(),
                OutboxSettings.defaults(),
                DeliverSettings.defaults(),
                null);
    }

    public InstanceSettings withListener(ListenerSettings other) {
        return new InstanceSettings(
                id, other, dataFolder, seeds, requireAuth, admin, drain, receive, outbox, deliver, registration);
    }

    public InstanceSettings withDrain(DrainSettings other) {
        return new InstanceSettings(
                id, listener, dataFolder, seeds, requireAuth, admin, other, receive, outbox, deliver, registration);
    }

    public InstanceSettings withAdmin(AdminAccess other) {
        return new InstanceSettings(
                id, listener, dataFolder, seeds, requireAuth, other, drain, receive, outbox, deliver, registration);
    }

    public InstanceSettings withRegistration(RegistrationSettings other) {
        return new InstanceSettings(
                id, listener, dataFolder, seeds, requireAuth, admin, drain, receive, outbox, deliver, other);
    }

    /**
     * Reads a settings file. Variables that existing deployments set count before it: {@code INSTANCE_ID}, {@code
     * WEBHOOKS_CONFIG_FILE}, {@code CONNECTIONS_CONFIG_FILE} and {@code CONFIG_RELOAD_ADMIN_TOKEN} (or {@code …_FILE}).
     *
     * @param hostName the instance's name when nothing gives it one
     */
    public static InstanceSettings read(SettingsReader root, Map<String, String> environment, String hostName) {
        String id = given(environment, "INSTANCE_ID").orElseGet(() -> root.text("id", hostName));
        root.has("id");
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            root.problem("id", id, "letters, digits and ._-, at most 64");
        }
        return new InstanceSettings(
                id,
                ListenerSettings.read(root),
                root.filePath("data").orElse(DEFAULT_DATA),
                new SeedFiles(
                        file(root, "webhooks-file", environment, "WEBHOOKS_CONFIG_FILE", DEFAULT_WEBHOOKS),
                        file(root, "connections-file", environment, "CONNECTIONS_CONFIG_FILE", DEFAULT_CONNECTIONS)),
                root.flag("require-auth", false),
                AdminAccess.read(root.section("admin")),
                DrainSettings.read(root.section("drain")),
                ReceiveSettings.read(root.section("receive")),
                outbox(root.section("outbox")),
                DeliverSettings.read(root.section("deliver")),
                RegistrationSettings.read(root).orElse(null));
    }

    private static Path file(
            SettingsReader root, String key, Map<String, String> environment, String variable, Path fallback) {
        Optional<Path> configured = root.filePath(key);
        return given(environment, variable).map(Path::of).or(() -> configured).orElse(fallback);
    }

    private static Optional<String> given(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isBlank());
    }

    private static OutboxSettings outbox(SettingsReader reader) {
        OutboxSettings defaults = OutboxSettings.defaults();
        long segment = reader.bytes("segment-bytes", defaults.segmentBytes(), 4096);
        if (segment > OutboxSettings.MAX_SEGMENT_BYTES) {
            reader.problem(
                    "segment-bytes",
                    ByteSizeFormat.format(segment),
                    "<= " + ByteSizeFormat.format(OutboxSettings.MAX_SEGMENT_BYTES));
            segment = defaults.segmentBytes();
        }
        long reserve = reader.bytes("reserve-bytes", defaults.reserveBytes(), 0);
        long most = reader.bytes("max-bytes", defaults.maxBytes(), 1);
        if (most - reserve < OutboxSettings.LEAST_SEGMENTS * segment) {
            reader.problem(
                    "max-bytes",
                    ByteSizeFormat.format(most),
                    ">= " + OutboxSettings.LEAST_SEGMENTS + " x segment-bytes (" + ByteSizeFormat.format(segment)
                            + ") + reserve-bytes (" + ByteSizeFormat.format(reserve) + ")");
        }
        return new OutboxSettings(
                segment,
                defaults.maxRecordBytes(),
                most,
                reserve,
                reader.integer("max-pending", defaults.maxPending(), 1, 10_000_000),
                reader.integer("dedup-entries", defaults.dedupEntries(), 0, 10_000_000));
    }
}

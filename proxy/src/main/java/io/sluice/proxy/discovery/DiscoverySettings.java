package io.sluice.proxy.discovery;

import io.netty.util.NetUtil;
import io.sluice.proxy.pool.BackendAddress;
import io.sluice.proxy.pool.BackendSettings;
import io.sluice.service.settings.SettingsReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The DNS name whose addresses are backends of a pool.
 *
 * @param port of every address; 0 where records say it themselves ({@link RecordKind#SRV})
 * @param nameServers who is asked, one after the other; empty: those of the system, with its hosts file and search domains
 * @param minInterval between two lookups at least, however short records live
 * @param maxInterval between two lookups at most, however long records live
 * @param timeout of one question to one name server
 * @param removeAfter in how many answers one after the other an address is missing before its backend goes
 * @param maxRemovalPercent how much of the discovered backends one answer may take out at most, one backend always
 * @param maxBackends an answer with more is not believed
 * @param weight of each backend, where records do not say it
 * @param adminPort where instances have their admin API; absent: nobody knows
 */
public record DiscoverySettings(
        String name,
        int port,
        RecordKind record,
        AddressFamily family,
        List<InetSocketAddress> nameServers,
        Duration minInterval,
        Duration maxInterval,
        Duration timeout,
        int removeAfter,
        int maxRemovalPercent,
        int maxBackends,
        int weight,
        @Nullable Integer adminPort) {
    /** What a name's records are. */
    public enum RecordKind {
        /** A and AAAA. */
        ADDRESS,
        /** Names with ports and weights. */
        SRV
    }

    /** Keeps name servers from being asked all the time by records that live for no time at all. */
    private static final Duration MIN_INTERVAL = Duration.ofSeconds(1);

    /** As long as HAProxy holds a valid answer; Docker says that names of containers live for ten minutes. */
    private static final Duration MAX_INTERVAL = Duration.ofSeconds(10);

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int REMOVE_AFTER = 3;
    private static final int MAX_REMOVAL_PERCENT = 50;
    private static final int MAX_BACKENDS = 256;
    private static final int DNS_PORT = 53;
    private static final int MAX_PORT = 65_535;

    /** Underscores are for the names of SRV records, and for containers. */
    private static final Pattern NAME =
            Pattern.compile("(?=.{1,254}$)[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?");

    public DiscoverySettings {
        nameServers = List.copyOf(nameServers);
    }

    /** Reads the section {@code discover} of a pool; empty when it has none. */
    public static Optional<DiscoverySettings> read(SettingsReader pool) {
        SettingsReader reader = pool.section("discover");
        boolean there = pool.has("discover") || reader.has("name");
        if (!there) {
            return Optional.empty();
        }
        String name = reader.requiredText("name");
        if (!name.isEmpty() && !isName(name)) {
            reader.problem("name", name, "a DNS name, such as app.internal");
        }
        RecordKind record = reader.choice("record", RecordKind.class, RecordKind.ADDRESS);
        Duration min = reader.duration("min-interval", MIN_INTERVAL, Duration.ofMillis(100));
        Duration max = reader.duration("max-interval", max(MAX_INTERVAL, min), min);
        return Optional.of(new DiscoverySettings(
                name,
                port(reader, record),
                record,
                reader.choice("family", AddressFamily.class, AddressFamily.AUTO),
                nameServers(reader),
                min,
                max,
                reader.duration("timeout", TIMEOUT, Duration.ofMillis(10)),
                reader.integer("remove-after", REMOVE_AFTER, 1, 1_000),
                reader.integer("max-removal", MAX_REMOVAL_PERCENT, 1, 100),
                reader.integer("max-backends", MAX_BACKENDS, 1, 10_000),
                reader.integer("weight", 1, 1, BackendSettings.MAX_WEIGHT),
                reader.has("admin-port") ? (Integer) reader.integer("admin-port", 1, 1, MAX_PORT) : null));
    }

    private static boolean isName(String text) {
        return NAME.matcher(text).matches() && NetUtil.createByteArrayFromIpAddressString(text) == null;
    }

    private static Duration max(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    private static int port(SettingsReader reader, RecordKind record) {
        boolean given = reader.has("port");
        int port = reader.integer("port", 1, 1, MAX_PORT);
        if (record == RecordKind.SRV) {
            if (given) {
                reader.problem("port", port, "nothing beside record: srv, whose records say it");
            }
            return 0;
        }
        if (!given) {
            reader.problem("port", null, "the port of every address: this key is required");
        }
        return port;
    }

    private static List<InetSocketAddress> nameServers(SettingsReader reader) {
        List<InetSocketAddress> servers = new ArrayList<>();
        List<String> texts = reader.texts("name-servers");
        for (int i = 0; i < texts.size(); i++) {
            InetSocketAddress server = nameServer(texts.get(i));
            if (server == null) {
                reader.problem("name-servers[" + i + "]", texts.get(i), "an IP address, or one with a port");
            } else {
                servers.add(server);
            }
        }
        return servers;
    }

    private static @Nullable InetSocketAddress nameServer(String text) {
        byte[] alone = NetUtil.createByteArrayFromIpAddressString(text);
        BackendAddress address =
                alone == null ? BackendAddress.parse(text).orElse(null) : new BackendAddress(text, DNS_PORT);
        byte[] bytes = address == null ? null : NetUtil.createByteArrayFromIpAddressString(address.host());
        return address == null || bytes == null ? null : new InetSocketAddress(literal(bytes), address.port());
    }

    static InetAddress literal(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(bytes.length + " bytes are no address", e);
        }
    }
}

package io.sluice.proxy.discovery;

import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.NetUtil;
import io.sluice.proxy.discovery.DiscoverySettings.RecordKind;
import io.sluice.proxy.discovery.LookupException.Kind;
import io.sluice.proxy.discovery.Records.Service;
import io.sluice.proxy.pool.BackendAddress;
import io.sluice.proxy.pool.BackendSettings;
import io.vertx.core.Future;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Looks a name up as programs on this machine do: hosts file, search domains, one name server after the other; or at given name servers alone, which
 * are asked for exactly this name. What cannot be told for certain is a failure: half of an answer would look as if backends were gone.
 */
final class NameLookup {
    /** Datagrams get lost. */
    private static final int ROUNDS = 2;

    private final DiscoverySettings settings;
    private final NameServerClient client;
    private final SystemFiles system;

    NameLookup(DiscoverySettings settings, NameServerClient client, SystemFiles system) {
        this.settings = settings;
        this.client = client;
        this.system = system;
    }

    /** Fails with {@link LookupException}. */
    Future<Answer> look() {
        Future<Answer> answer = settings.nameServers().isEmpty() ? askSystem() : ask(asGiven());
        return answer.map(this::checked);
    }

    private ResolverFile asGiven() {
        return new ResolverFile(settings.nameServers(), List.of(), 0);
    }

    private Answer checked(Answer answer) {
        int count = answer.endpoints().size();
        if (count > settings.maxBackends()) {
            throw new LookupException(
                    Kind.TOO_MANY, count + " addresses (expected: <= " + settings.maxBackends() + ", max-backends)");
        }
        return answer;
    }

    private Future<Answer> askSystem() {
        Future<List<InetAddress>> known = settings.record() == RecordKind.SRV
                ? Future.succeededFuture(List.of())
                : system.hostsFile().map(hosts -> ofFamily(hosts.addresses(settings.name())));
        return known.compose(addresses -> addresses.isEmpty()
                ? system.resolverFile().compose(this::ask)
                : Future.succeededFuture(answer(addresses, settings.maxInterval())));
    }

    private List<InetAddress> ofFamily(List<InetAddress> addresses) {
        List<InetAddress> v4 =
                addresses.stream().filter(Inet4Address.class::isInstance).toList();
        List<InetAddress> v6 = addresses.stream()
                .filter(each -> !(each instanceof Inet4Address))
                .toList();
        return switch (settings.family()) {
            case AUTO -> v4.isEmpty() ? v6 : v4;
            case IPV4 -> v4;
            case IPV6 -> v6;
            case BOTH -> addresses;
        };
    }

    private Future<Answer> ask(ResolverFile resolver) {
        return ask(resolver, resolver.candidates(settings.name()), 0, false);
    }

    /** The first candidate that has records is the one that was meant. */
    private Future<Answer> ask(ResolverFile resolver, List<String> candidates, int index, boolean someExist) {
        if (index == candidates.size()) {
            return Future.failedFuture(
                    someExist
                            ? new LookupException(Kind.EMPTY, settings.name() + " has no records of the kind asked for")
                            : new LookupException(Kind.NXDOMAIN, "there is no name " + settings.name()));
        }
        String name = candidates.get(index);
        Future<Records> found = settings.record() == RecordKind.SRV
                ? query(resolver, name, DnsRecordType.SRV)
                : addresses(resolver, name);
        return found.compose(records -> {
            if (records.isEmpty()) {
                return ask(resolver, candidates, index + 1, someExist || records.exists());
            }
            return settings.record() == RecordKind.SRV
                    ? targets(resolver, records)
                    : Future.succeededFuture(answer(records.addresses(), records.timeToLive()));
        });
    }

    private Answer answer(List<InetAddress> addresses, Duration timeToLive) {
        return new Answer(
                addresses.stream()
                        .map(each -> endpoint(each, settings.port(), settings.weight(), false))
                        .toList(),
                timeToLive);
    }

    private static Endpoint endpoint(InetAddress address, int port, int weight, boolean backup) {
        return new Endpoint(new BackendAddress(NetUtil.toAddressString(address), port), weight, backup);
    }

    private Future<Records> addresses(ResolverFile resolver, String name) {
        return switch (settings.family()) {
            case IPV4 -> query(resolver, name, DnsRecordType.A);
            case IPV6 -> query(resolver, name, DnsRecordType.AAAA);
            case AUTO ->
                query(resolver, name, DnsRecordType.A)
                        .compose(v4 -> v4.isEmpty() && v4.exists()
                                ? query(resolver, name, DnsRecordType.AAAA)
                                : Future.succeededFuture(v4));
            case BOTH ->
                query(resolver, name, DnsRecordType.A)
                        .compose(v4 -> query(resolver, name, DnsRecordType.AAAA).map(v6 -> both(v4, v6)));
        };
    }

    private static Records both(Records one, Records other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        List<InetAddress> all = new ArrayList<>(one.addresses());
        all.addAll(other.addresses());
        boolean first = one.timeToLive().compareTo(other.timeToLive()) <= 0;
        return new Records(true, all, List.of(), first ? one.timeToLive() : other.timeToLive());
    }

    /** Those of the best priority serve, all others are backups (RFC 2782: they are for when the best cannot be reached). */
    private Future<Answer> targets(ResolverFile resolver, Records records) {
        int best = records.services().stream().mapToInt(Service::priority).min().orElse(0);
        Map<String, Future<Records>> lookups = new TreeMap<>();
        for (Service service : records.services()) {
            if (service.port() > 0 && !service.target().equals(".")) {
                lookups.computeIfAbsent(service.target(), target -> addresses(resolver, target));
            }
        }
        if (lookups.isEmpty() || lookups.size() > settings.maxBackends()) {
            return Future.failedFuture(new LookupException(
                    lookups.isEmpty() ? Kind.EMPTY : Kind.TOO_MANY, lookups.size() + " targets of " + settings.name()));
        }
        return Future.all(List.copyOf(lookups.values())).compose(all -> {
            List<Endpoint> endpoints = new ArrayList<>();
            Duration timeToLive = records.timeToLive();
            for (Service service : records.services()) {
                Future<Records> looked = lookups.get(service.target());
                if (looked == null) {
                    continue;
                }
                Records target = looked.result();
                if (target.isEmpty()) {
                    return Future.failedFuture(
                            new LookupException(Kind.EMPTY, "target " + service.target() + " has no address"));
                }
                timeToLive = timeToLive.compareTo(target.timeToLive()) <= 0 ? timeToLive : target.timeToLive();
                int weight = Math.max(1, Math.min(BackendSettings.MAX_WEIGHT, service.weight()));
                target.addresses()
                        .forEach(address ->
                                endpoints.add(endpoint(address, service.port(), weight, service.priority() > best)));
            }
            return Future.succeededFuture(new Answer(endpoints, timeToLive));
        });
    }

    private Future<Records> query(ResolverFile resolver, String name, DnsRecordType type) {
        return query(resolver.nameServers(), 0, name, type);
    }

    /** The next server is asked only when one cannot tell: that there is no such name is an answer. */
    private Future<Records> query(List<InetSocketAddress> servers, int index, String name, DnsRecordType type) {
        return client.query(servers.get(index % servers.size()), name, type)
                .recover(failure -> index + 1 < servers.size() * ROUNDS
                        ? query(servers, index + 1, name, type)
                        : Future.failedFuture(failure));
    }
}

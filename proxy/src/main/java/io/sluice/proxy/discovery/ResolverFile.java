package io.sluice.proxy.discovery;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What {@code /etc/resolv.conf} says (resolv.conf(5)).
 *
 * @param nameServers who is asked, one after the other
 * @param searchDomains which are tried behind a name
 * @param ndots a name with fewer dots is tried with the search domains first
 */
record ResolverFile(List<InetSocketAddress> nameServers, List<String> searchDomains, int ndots) {
    private static final int DNS_PORT = 53;
    private static final int DEFAULT_NDOTS = 1;
    private static final int MAX_NDOTS = 15;

    ResolverFile {
        nameServers = List.copyOf(nameServers);
        searchDomains = List.copyOf(searchDomains);
    }

    /** What it means, as far as it can be understood; without a name server the machine itself is asked. */
    static ResolverFile parse(String text) {
        List<InetSocketAddress> servers = new ArrayList<>();
        List<String> search = List.of();
        int ndots = DEFAULT_NDOTS;
        for (String line : text.lines().toList()) {
            List<String> words = Arrays.stream(line.strip().split("\\s+", -1)).toList();
            List<String> rest = words.subList(1, words.size());
            switch (words.get(0)) {
                case "nameserver" -> rest.stream().limit(1).forEach(server -> addServer(servers, server));
                case "domain", "search" ->
                    search = rest.stream()
                            .map(ResolverFile::withoutDot)
                            .filter(domain -> !domain.isEmpty())
                            .toList();
                case "options" -> ndots = ndots(rest, ndots);
                default -> {
                    // Comments, and what does not concern lookups of ours.
                }
            }
        }
        if (servers.isEmpty()) {
            servers.add(new InetSocketAddress(DiscoverySettings.literal(new byte[] {127, 0, 0, 1}), DNS_PORT));
        }
        return new ResolverFile(servers, search, ndots);
    }

    private static void addServer(List<InetSocketAddress> servers, String text) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(text);
        if (address != null) {
            servers.add(new InetSocketAddress(DiscoverySettings.literal(address), DNS_PORT));
        }
    }

    private static int ndots(List<String> options, int before) {
        return options.stream()
                .filter(option -> option.matches("ndots:[0-9]{1,3}"))
                .map(option -> Math.min(MAX_NDOTS, Integer.parseInt(option.substring("ndots:".length()))))
                .reduce(before, (a, b) -> b);
    }

    private static String withoutDot(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    /** The full names to try for {@code name}, in order; each ends with a dot. */
    List<String> candidates(String name) {
        if (name.endsWith(".")) {
            return List.of(name.toLowerCase(Locale.ROOT));
        }
        List<String> candidates = new ArrayList<>();
        searchDomains.forEach(domain -> candidates.add(name + "." + domain + "."));
        long dots = name.chars().filter(c -> c == '.').count();
        candidates.add(dots >= ndots ? 0 : candidates.size(), name + ".");
        return candidates.stream().map(each -> each.toLowerCase(Locale.ROOT)).toList();
    }
}

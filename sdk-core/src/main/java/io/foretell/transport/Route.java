package io.foretell.transport;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints a predictor uses, and how it chooses one for each attempt. Every endpoint is a {@link Transport} and has
 * a breaker and limits of its own. Immutable.
 *
 * <pre>{@code
 * Route.to(primary)                                    // one endpoint
 * Route.failover(primary, standby)                     // in this order, those whose breaker is open left out
 * Route.split(blue, 90).and(green, 10)                 // drawn once for each request; retries stay on the arm
 * Route.to(blue).shadow(green, 0.05)                   // 5 % of the requests go to green as well
 * }</pre>
 */
public final class Route {
    private final List<Transport> endpoints;
    private final List<Double> weights;
    private final @Nullable Transport shadow;
    private final double shadowShare;

    private Route(List<Transport> endpoints, List<Double> weights, @Nullable Transport shadow, double shadowShare) {
        this.endpoints = List.copyOf(endpoints);
        this.weights = List.copyOf(weights);
        this.shadow = shadow;
        this.shadowShare = shadowShare;
    }

    /** Everything goes to this one. */
    public static Route to(Transport transport) {
        return new Route(List.of(Objects.requireNonNull(transport, "transport")), List.of(), null, 0);
    }

    /**
     * Every attempt goes to the first endpoint whose breaker lets it, a retry to another than the attempt before.
     *
     * @throws IllegalArgumentException if there is no other endpoint
     */
    public static Route failover(Transport first, Transport... others) {
        if (others.length == 0) {
            throw new IllegalArgumentException("failover needs at least 2 endpoints: 1");
        }
        List<Transport> all = new ArrayList<>(List.of(Objects.requireNonNull(first, "first")));
        all.addAll(List.of(others));
        return new Route(all, List.of(), null, 0);
    }

    /**
     * The first arm of a weighted split, such as two variants or versions of a model side by side.
     *
     * @param weight its share of the requests, in relation to the other weights
     * @throws IllegalArgumentException if the weight is not positive
     */
    public static Route split(Transport transport, double weight) {
        return new Route(List.of(transport), List.of(positive(weight)), null, 0);
    }

    /**
     * One more arm of a weighted split.
     *
     * @throws IllegalArgumentException if the weight is not positive
     * @throws IllegalStateException if this is not a split
     */
    public Route and(Transport transport, double weight) {
        if (weights.isEmpty()) {
            throw new IllegalStateException("not a split: " + this);
        }
        List<Transport> arms = new ArrayList<>(endpoints);
        arms.add(Objects.requireNonNull(transport, "transport"));
        List<Double> all = new ArrayList<>(weights);
        all.add(positive(weight));
        return new Route(arms, all, shadow, shadowShare);
    }

    private static double positive(double weight) {
        if (!(weight > 0 && weight < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("weight not positive: " + weight);
        }
        return weight;
    }

    /**
     * This route, and a copy of some requests to one more endpoint. A copy is one attempt that waits for nothing, is never
     * retried, takes no part in the result and is told by {@code CallListener.shadowEnded}. It may outlast the call, so arrays
     * of an input must not change before that.
     *
     * @param share of the requests, more than 0 and at most 1
     * @throws IllegalArgumentException if it is not
     */
    public Route shadow(Transport copy, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share not more than 0 and at most 1: " + share);
        }
        return new Route(endpoints, weights, Objects.requireNonNull(copy, "copy"), share);
    }

    /** The endpoints of attempts, at least one; the shadow is not among them. */
    public List<Transport> endpoints() {
        return endpoints;
    }

    /** For a split the weight of each endpoint; else empty. */
    public List<Double> weights() {
        return weights;
    }

    /** Where copies go; null for nowhere. */
    public @Nullable Transport shadow() {
        return shadow;
    }

    /** Which share of the requests is copied. */
    public double shadowShare() {
        return shadowShare;
    }

    /** All transports, each once. */
    public List<Transport> transports() {
        List<Transport> all = new ArrayList<>(endpoints);
        if (shadow != null) {
            all.add(shadow);
        }
        return all.stream().distinct().toList();
    }

    /** The endpoints and how one is chosen. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < endpoints.size(); i++) {
            text.append(i == 0 ? "" : weights.isEmpty() ? " or " : " and ")
                    .append(weights.isEmpty() ? "" : weights.get(i) + " of ")
                    .append(name(endpoints.get(i)));
        }
        return shadow == null ? text.toString() : text + ", shadow " + shadowShare + " of " + name(shadow);
    }

    private static String name(Transport transport) {
        String model = transport.model();
        return transport.protocol() + " " + transport.endpoint() + (model == null ? "" : "/" + model);
    }
}

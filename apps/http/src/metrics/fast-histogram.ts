import type { Histogram, Registry } from "@prometheus-io/client";

export interface FastHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly buckets: readonly number[];
}

/** Creates the function that adds a value to the series with these labels. The labels of each series are unique. */
export type CreateSeries = (labels: Readonly<Record<string, string>>) => (value: number) => void;

interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** The number of values in each bucket, without those of the smaller ones. The last one is `+Inf`. */
  readonly counts: number[];
  sum: number;
}

/**
 * Registers a histogram for values of every request. An observation adds to two numbers. That of the library takes 1 µs,
 * which is 2% of the CPU time of a request, because it formats the labels to find the series.
 */
export function createFastHistogram(registry: Registry, { name, help, buckets }: FastHistogramOptions): CreateSeries {
  const all: Series[] = [];
  // The registry reads these members of a metric and no other.
  const metric = {
    name,
    help,
    type: "histogram",
    get: async () => ({ name, help, type: "histogram", values: list() }),
  };
  registry.registerMetric(metric as unknown as Histogram);

  return (labels) => {
    const series = { labels, counts: Array.from({ length: buckets.length + 1 }, () => 0), sum: 0 };
    all.push(series);
    return (value) => {
      let index = 0;
      while (index < buckets.length && value > buckets[index]!) index += 1;
      series.counts[index]! += 1;
      series.sum += value;
    };
  };

  function list() {
    return all.flatMap(({ labels, counts, sum }) => {
      let count = 0;
      const samples = counts.map((bucketCount, index) => {
        count += bucketCount;
        return { metricName: `${name}_bucket`, labels: { le: buckets[index] ?? "+Inf", ...labels }, value: count };
      });
      return [
        ...samples,
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
  }
}

using Xunit;

// Each test drives real browsers and compares what they heard: two at once on two cores would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

"""Files that hold lists of shots: tables, Fountain, Storyboarder."""
